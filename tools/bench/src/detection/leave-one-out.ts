import type { Result } from './run-pipeline.ts';

/**
 * ROC-AUC of all attacks but one, for each in turn. The area of several attacks is the mean of theirs, weighted by rows, so
 * that one evaluation tells all of them. Attacks without an area are left out.
 */
export function rocAucWithoutEach({
  atThreshold,
  oracle,
}: Pick<Result, 'atThreshold' | 'oracle'>): Map<string, number> {
  const rowsOf = new Map(atThreshold.perAttack.map(({ attack, rows }) => [attack, rows]));
  const areas = oracle.rocAucPerAttack.flatMap(({ attack, rocAuc }) =>
    rocAuc === null ? [] : [{ attack, rows: rowsOf.get(attack) ?? 0, area: rocAuc }],
  );
  const rows = areas.reduce((sum, one) => sum + one.rows, 0);
  const weighted = areas.reduce((sum, one) => sum + one.rows * one.area, 0);
  return new Map(areas.map((one) => [one.attack, (weighted - one.rows * one.area) / (rows - one.rows)]));
}

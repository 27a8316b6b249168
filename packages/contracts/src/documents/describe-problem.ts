import { closest } from 'fastest-levenshtein';
import { z } from 'zod';
import { UserError } from '../user-error.ts';

/** Turns the first problem that zod found into one line that names the key and, for an unknown key, the nearest valid one. */
export function describeProblem(place: string, schema: z.ZodType, value: unknown, error: z.ZodError): UserError {
  const issues = error.issues.map(mostSpecific);
  // A misspelt key is often also a missing one: its true name would send the reader to the wrong line.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]!;
  const where = (path: readonly PropertyKey[]): string =>
    path.length === 0 ? place : `${place}: ${path.map(String).join('.')}`;
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!;
    const valid = keysAt(schema, value, issue.path);
    const remedy =
      valid.length === 0 ? 'remove it' : `did you mean "${nearest(key, valid)}"? Valid: ${valid.join(', ')}`;
    return new UserError(where([...issue.path, key]), 'unknown key', remedy);
  }
  const tag = tagProblem(schema, value, issue);
  if (tag) return new UserError(where(tag.path), tag.problem, tag.remedy);
  const problem = issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
  return new UserError(where(issue.path), problem, 'mend the value');
}

/** Of a union's problems, those of the alternative that came nearest. */
function mostSpecific(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const best = issue.errors.toSorted((a, b) => a.length - b.length)[0]?.[0];
  return best ? mostSpecific({ ...best, path: [...issue.path, ...best.path] }) : issue;
}

/** For a union whose members are told apart by a key: which values of that key there are. */
function tagProblem(
  schema: z.ZodType,
  value: unknown,
  issue: z.core.$ZodIssue,
): { path: readonly PropertyKey[]; problem: string; remedy: string } | undefined {
  if (issue.code !== 'invalid_union' || issue.discriminator === undefined) return undefined;
  const key = issue.discriminator;
  // zod ends the path with the key itself.
  const union = schemaAt(schema, value, issue.path.slice(0, -1));
  if (!(union instanceof z.ZodDiscriminatedUnion)) return undefined;
  const valid = (union.options as z.ZodObject[]).flatMap((option) => [
    ...((option.shape[key] as z.ZodType | undefined)?._zod.values ?? []),
  ]);
  const names = valid.map(String);
  const given = valueAt(value, issue.path);
  if (given === undefined)
    return { path: issue.path, problem: 'it is missing', remedy: `give one of ${names.join(', ')}` };
  return {
    path: issue.path,
    problem: `unknown value ${JSON.stringify(given)}`,
    remedy: `did you mean "${nearest(String(given), names)}"? Valid: ${names.join(', ')}`,
  };
}

/** The valid name that was probably meant: one that goes on as the given one, else that of the fewest changes. */
function nearest(given: string, valid: readonly string[]): string {
  const longer = valid.filter((name) => given !== '' && name.toLowerCase().startsWith(given.toLowerCase()));
  return closest(given, longer.length > 0 ? longer : valid);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, step) => (at as Record<PropertyKey, unknown> | undefined)?.[step], value);
}

/** Keys that the object at `path` may have. */
function keysAt(schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): string[] {
  const node = memberOf(schemaAt(schema, value, path), valueAt(value, path));
  return node instanceof z.ZodObject ? Object.keys(node.shape) : [];
}

/** The schema of the value at `path`; of a discriminated union on the way the member that the value names. */
function schemaAt(schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): z.ZodType | undefined {
  let node = unwrap(schema);
  let at = value;
  for (const step of path) {
    const member = memberOf(node, at);
    if (member instanceof z.ZodObject) node = unwrap(member.shape[String(step)] as z.ZodType | undefined);
    else if (member instanceof z.ZodArray) node = unwrap(member.element as z.ZodType);
    else if (member instanceof z.ZodRecord) node = unwrap(member.valueType as z.ZodType);
    else return undefined;
    at = (at as Record<PropertyKey, unknown> | undefined)?.[step];
  }
  return node;
}

/** The schema behind defaults and options. */
function unwrap(schema: z.ZodType | undefined): z.ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  return schema;
}

/** Of a discriminated union the member that the value names; any other schema as it is. */
function memberOf(schema: z.ZodType | undefined, value: unknown): z.ZodType | undefined {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema;
  const key = schema.def.discriminator;
  const named = (value as Record<string, unknown> | undefined)?.[key];
  return (schema.options as z.ZodType[]).find(
    (option) => option instanceof z.ZodObject && (option.shape[key] as z.ZodType).safeParse(named).success,
  );
}

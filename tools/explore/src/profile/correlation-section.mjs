// @ts-check
import { html, scrollingTable } from '@edgeguard/evaluation';
import { columnName, text } from './format.mjs';

/** Columns of the picture: more could not be told apart. */
const PICTURED = 48;

const PAIRS = 25;

/**
 * The strongest rank correlations, as a list and as a picture of the columns that take part in them.
 *
 * @param {string} file
 * @param {{ names: string[], values: Float64Array[] }} correlations
 */
export function correlationSection(file, { names, values }) {
  const pairs = names
    .flatMap((_, i) => names.slice(0, i).map((__, j) => ({ i, j, value: values[i][j] })))
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const order = strongest(pairs).sort((a, b) => a - b);
  return html`<section>
    <h2>Correlations in ${file}</h2>
    <p class="note">Spearman's rank correlations. Pairs near ±1 tell a detector the same thing twice.</p>
    <div class="columns">
      ${scrollingTable(
        'Correlations',
        html`<tr>
          <th>column</th>
          <th class="text">with</th>
          <th>correlation</th>
        </tr>`,
        pairs.slice(0, PAIRS).map(
          ({ i, j, value }) =>
            html`<tr>
              <th class="name">${columnName(names[j])}</th>
              <td class="name text">${columnName(names[i])}</td>
              <td>${value.toFixed(3)}</td>
            </tr> `,
        ),
      )}
      <div>
        ${matrix(
          order.map((i) => names[i]),
          order.map((i) => order.map((j) => values[i][j])),
        )}
        <p class="note">
          ${order.length < names.length ? `The ${order.length} columns of the strongest pairs` : 'Every column that varies'},
          in the order of the file. Blue rises together, red falls; pale is weak. Point at a cell for its names.
        </p>
      </div>
    </div>
  </section>`;
}

/** @param {readonly { i: number, j: number }[]} pairs */
function strongest(pairs) {
  /** @type {Set<number>} */
  const columns = new Set();
  for (const { i, j } of pairs) {
    if (columns.size + 2 > PICTURED) break;
    columns.add(j).add(i);
  }
  return [...columns];
}

/**
 * @param {readonly string[]} names
 * @param {readonly (readonly number[])[]} values
 */
function matrix(names, values) {
  const size = names.length;
  return html`<svg
    class="matrix"
    viewBox="0 0 ${size * 10} ${size * 10}"
    role="img"
    aria-label="Rank correlations of ${size} columns"
  >
    ${values.map((row, i) =>
      row.map((value, j) => {
        const shade = Math.abs(value).toFixed(2);
        if (shade === '0.00') return '';
        const title = `${text(names[i])}, ${text(names[j])}: ${value.toFixed(2)}`;
        return html`<rect
          class="${value < 0 ? 'negative' : 'positive'}"
          x="${j * 10}"
          y="${i * 10}"
          width="9"
          height="9"
          opacity="${shade}"
          ><title>${title}</title></rect
        >`;
      }),
    )}
  </svg>`;
}

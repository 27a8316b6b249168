// @ts-check
import { Html, html, PAGE_STYLE, scrollingTable } from '@edgeguard/evaluation';
import { correlationSection } from './correlation-section.mjs';
import { columnName, count, number, percent, text, time } from './format.mjs';
import { QUANTILES } from './statistics.mjs';

/** @typedef {import('./profile.mjs').FileProfile} FileProfile */
/** @typedef {import('./profile.mjs').NumberProfile} NumberProfile */
/** @typedef {import('./profile.mjs').Drift} Drift */

const STYLE = `${PAGE_STYLE}
svg { display: block; fill: var(--accent); }
th small { display: block; color: var(--muted); font-weight: 400; font-size: .78rem; }
svg.matrix { width: 100%; max-width: 40rem; height: auto; }
svg .negative { fill: var(--threshold); }
td.drift-1 { background: var(--warn); } td.drift-2 { background: var(--warn); color: var(--threshold); font-weight: 600; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; } a { color: var(--accent); }
`;

/**
 * One page that needs no other file and no network.
 *
 * @param {readonly FileProfile[]} files
 * @param {Drift} drift empty for a single file
 * @returns {string}
 */
export function renderProfile(files, drift) {
  const title = `Profile of ${files.map(({ name }) => name).join(', ')}`;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
        />
        <title>${title}</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <header>
          <h1>${title}</h1>
          <p class="lead">Values as they are in the files, in their own units. Larger files are sampled evenly.</p>
        </header>
        <main>${overview(files)} ${drift.length > 0 ? driftSection(files, drift) : ''} ${files.map(fileSections)}</main>
      </body>
    </html> `;
  return page.text;
}

/** @param {readonly FileProfile[]} files */
function overview(files) {
  return html`<section>
    <h2>Files</h2>
    ${scrollingTable(
      'Files',
      html`<tr>
        <th>file</th>
        <th>rows</th>
        <th>looked at</th>
        <th>columns</th>
      </tr>`,
      files.map(
        ({ name, fileRows, rows, numbers, texts }, i) =>
          html`<tr>
            <th><a href="#file-${i}">${name}</a></th>
            <td>${count(fileRows)}</td>
            <td>${count(rows)}</td>
            <td>${count(numbers.length + texts.length)}</td>
          </tr> `,
      ),
    )}
  </section>`;
}

/**
 * @param {readonly FileProfile[]} files
 * @param {Drift} drift
 */
function driftSection([reference, ...others], drift) {
  return html`<section>
    <h2>Drift from ${reference.name}</h2>
    <p class="note">
      Population stability index over the deciles, or the most frequent values, of ${reference.name}. Below 0.1 the
      columns are alike; above 0.25 (red) they are others. A split that holds attacks should differ; one of normal rows
      should not.
    </p>
    ${scrollingTable(
      'Drift',
      html`<tr>
        <th>column</th>
        ${others.map(({ name }) => html`<th>${name}</th>`)}
      </tr>`,
      drift.map(
        ({ column, index }) =>
          html`<tr>
            <th class="name">
              ${columnName(column.name)}${column.role === 'feature' ? '' : html`<small>${column.role}</small>`}
            </th>
            ${index.map(
              (value) =>
                html`<td class="drift-${value > 0.25 ? 2 : value > 0.1 ? 1 : 0}">
                  ${Number.isNaN(value) ? '–' : value.toFixed(3)}
                </td>`,
            )}
          </tr> `,
      ),
    )}
  </section>`;
}

/**
 * @param {FileProfile} file
 * @param {number} place
 */
function fileSections(file, place) {
  const instants = file.numbers.filter(({ column }) => column.type === 'timestamp');
  const numbers = file.numbers.filter((profile) => !instants.includes(profile));
  return html`<section id="file-${place}">
      <h2>${file.name}</h2>
      ${numbers.length > 0 ? numberTable(numbers) : ''} ${instants.length > 0 ? instantTable(instants) : ''}
      ${file.texts.length > 0 ? textTable(file) : ''}
    </section>
    ${file.correlations ? correlationSection(file.name, file.correlations) : ''}`;
}

/** @param {readonly NumberProfile[]} numbers */
function numberTable(numbers) {
  return html`<h3>Numbers</h3>
    ${scrollingTable(
      'Numbers',
      html`<tr>
        <th>column</th>
        <th class="text">type</th>
        <th class="text">1 % to 99 %</th>
        <th>missing</th>
        <th>zero</th>
        <th>distinct</th>
        <th>smallest</th>
        <th>1 %</th>
        <th>25 %</th>
        <th>median</th>
        <th>75 %</th>
        <th>99 %</th>
        <th>largest</th>
        <th>mean</th>
        <th>deviation</th>
      </tr>`,
      numbers.map(
        ({ column, summary }) =>
          html`<tr>
            <th class="name">${columnName(column.name)}${unitOf(column)}</th>
            <td class="text">${column.type}<small>${roleOf(column)}</small></td>
            <td>${bars(summary.histogram)}</td>
            <td>${percent(summary.missing)}</td>
            <td>${percent(summary.zeros)}</td>
            <td>${count(summary.distinct)}</td>
            ${QUANTILES.map((_, i) => html`<td>${number(summary.quantiles[i] ?? Number.NaN)}</td>`)}
            <td>${number(summary.mean)}</td>
            <td>${number(summary.deviation)}</td>
          </tr> `,
      ),
    )}`;
}

/** @param {readonly NumberProfile[]} instants */
function instantTable(instants) {
  return html`<h3>Instants</h3>
    ${scrollingTable(
      'Instants',
      html`<tr>
        <th>column</th>
        <th class="text">1 % to 99 %</th>
        <th>missing</th>
        <th>distinct</th>
        <th>first</th>
        <th>median</th>
        <th>last</th>
      </tr>`,
      instants.map(
        ({ column, summary }) =>
          html`<tr>
            <th class="name">${columnName(column.name)}<small>${roleOf(column)}</small></th>
            <td>${bars(summary.histogram)}</td>
            <td>${percent(summary.missing)}</td>
            <td>${count(summary.distinct)}</td>
            ${[0, 3, 6].map((i) => html`<td>${time(summary.quantiles[i] ?? Number.NaN)}</td>`)}
          </tr> `,
      ),
    )}`;
}

/** @param {FileProfile} file */
function textTable({ texts }) {
  return html`<h3>Texts and categories</h3>
    ${scrollingTable(
      'Texts and categories',
      html`<tr>
        <th>column</th>
        <th class="text">type</th>
        <th>empty</th>
        <th>distinct</th>
        <th class="text">most frequent</th>
      </tr>`,
      texts.map(
        ({ column, summary }) =>
          html`<tr>
            <th class="name">${columnName(column.name)}</th>
            <td class="text">${column.type}<small>${roleOf(column)}</small></td>
            <td>${percent(summary.missing)}</td>
            <td>${count(summary.distinct)}</td>
            <td class="text">
              ${summary.top.map(({ value, share }, i) => html`${i > 0 ? ', ' : ''}<code>${text(value)}</code> ${percent(share)}`)}
            </td>
          </tr> `,
      ),
    )}`;
}

/** @param {import('./profile.mjs').Column} column */
function roleOf(column) {
  return 'kind' in column ? `${column.role}, ${column.kind}` : column.role;
}

/** @param {import('./profile.mjs').Column} column */
function unitOf(column) {
  return 'unit' in column && column.unit !== '1' ? html`<small>${column.unit}</small>` : '';
}

/** @param {readonly number[]} histogram */
function bars(histogram) {
  const most = Math.max(...histogram);
  if (histogram.length === 0) return '';
  return html`<svg width="120" height="28" viewBox="0 0 ${histogram.length * 5} 28" aria-hidden="true">
    ${histogram.map((rows, i) => {
      const height = rows === 0 ? 0 : Math.max(1, Math.round((28 * rows) / most));
      return html`<rect x="${i * 5}" y="${28 - height}" width="4" height="${height}" />`;
    })}
  </svg>`;
}

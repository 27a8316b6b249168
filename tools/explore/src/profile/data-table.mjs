// @ts-check
import { html } from '@edgeguard/evaluation';

/** @typedef {import('@edgeguard/evaluation').Html} Html */

/**
 * A table that scrolls by itself where it is wider than the page.
 *
 * @param {Html} heads the cells of its head
 * @param {readonly Html[]} rows
 */
export function dataTable(heads, rows) {
  return html`<div class="scroll" tabindex="0">
    <table>
      <thead>
        <tr>
          ${heads}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Modules of the page's script, those first that others use while they load. */
const CLIENT_MODULES = [
  'format',
  'theme',
  'chart',
  'distribution-chart',
  'curve-charts',
  'training-chart',
  'timeline-chart',
  'threshold-panel',
  'main',
];

/** Where the compiled page script is: the same folder seen from `src` and from `dist`. */
const CLIENT_FOLDER = fileURLToPath(new URL('../../dist/report-client/', import.meta.url));

/** Scripts and styles that go into the page. */
export interface Assets {
  /** uPlot, with its licence. */
  readonly chartScript: string;
  readonly chartStyle: string;
  /** The page's own script, one ES module. */
  readonly pageScript: string;
}

/** Reads what the page needs, so that it needs nothing from a network. */
export function readAssets(): Assets {
  const uplot = dirname(createRequire(import.meta.url).resolve('uplot/package.json'));
  // A parser of HTML turns CRLF into LF before it takes the hash that the policy names.
  const read = (name: string): string => readFileSync(join(uplot, name), 'utf8').replaceAll('\r\n', '\n');
  const licence = `/*! uPlot\n\n${read('LICENSE').trim().replaceAll('*/', '* /')}\n*/\n`;
  return {
    chartScript: licence + read('dist/uPlot.iife.min.js').trim(),
    chartStyle: licence + read('dist/uPlot.min.css').trim(),
    pageScript: CLIENT_MODULES.map((name) => moduleBody(readFileSync(join(CLIENT_FOLDER, `${name}.js`), 'utf8'))).join(
      '',
    ),
  };
}

/** A compiled module without its imports and exports: all modules of the page share one scope. */
function moduleBody(source: string): string {
  return source
    .replaceAll(/^import\s[^;]*?from '\.\/[\w-]+\.js';\n/gm, '')
    .replaceAll(/^export \{\};\n?/gm, '')
    .replaceAll(/^export (?=const|let|function|class|async)/gm, '')
    .replaceAll(/^\/\/# sourceMappingURL=.*\n?/gm, '');
}

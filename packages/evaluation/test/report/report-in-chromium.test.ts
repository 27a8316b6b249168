import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { episodesPerDay, falseAlarmBound } from '@edgeguard/detection';
import { atThreshold, renderReport } from '../../src/index.ts';
import { count, figure, percent, ratio } from '../../src/report-client/format.ts';
import { findChromium, Page } from '../support/chromium.ts';
import { sampleEvaluation } from '../support/sample-evaluation.ts';
import { HOSTILE_NAME } from '../support/sample-workspace.ts';

const chromium = findChromium();
const reason = chromium ? '' : ' (skipped: no Chromium on the PATH and none named by EDGEGUARD_CHROMIUM)';

/** A folder for screenshots that a person can look at. */
const SCREENSHOTS = process.env['EDGEGUARD_SCREENSHOTS'];

const FIGURES = [
  'true-positives',
  'false-positives',
  'false-negatives',
  'true-negatives',
  'recall',
  'false-alarm-rate',
  'precision',
  'f1',
  'false-alarms-per-day',
  'alarms-per-day',
  'episodes-per-day',
  'expected-episodes',
  'bound',
  'expected',
];

/** Reads the figures that the page shows, by name. */
const READ_FIGURES = `Object.fromEntries(${JSON.stringify(FIGURES)}.map((name) => [name, document.getElementById('live-' + name).textContent]))`;

describe.skipIf(!chromium)(`the report in Chromium${reason}`, () => {
  const sample = sampleEvaluation({ attackNames: ['port scan', 'syn flood', HOSTILE_NAME] });
  let folder: string;
  let page: Page;

  beforeAll(async () => {
    if (SCREENSHOTS) await mkdir(SCREENSHOTS, { recursive: true });
    folder = await mkdtemp(join(tmpdir(), 'edgeguard-report-'));
    const path = join(folder, 'report.html');
    await writeFile(path, renderReport(sample.report));
    page = await Page.launch(chromium!);
    await page.resize(1280, 900);
    await page.open(pathToFileURL(path).href);
  });
  afterAll(async () => {
    await page?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** What the library says about a threshold of a detector, as the page writes it. */
  function expected(detector: number, index: number): Record<string, string> {
    const { grid } = sample.report.data.detectors[detector]!;
    const { calibration, threshold, episodes } = sample.input.detectors[detector]!;
    const at = atThreshold(
      sample.assembled.grouped[detector]!,
      grid.threshold[index]!,
      sample.input.splits.test.time!.days,
    );
    const rank = calibration.filter((score) => score > grid.threshold[index]!).length + 1;
    const bound = falseAlarmBound(calibration.length, rank, threshold.confidence);
    const opened = episodes?.onNormal(grid.threshold[index]!) ?? null;
    const promised = episodes && episodesPerDay(episodes.curve!, grid.threshold[index]!, threshold.confidence);
    return {
      'true-positives': count(at.truePositives),
      'false-positives': count(at.falsePositives),
      'false-negatives': count(at.falseNegatives),
      'true-negatives': count(at.trueNegatives),
      recall: percent(at.detectionRate!.value),
      'false-alarm-rate': percent(at.falseAlarmRate!.value),
      precision: percent(at.precision),
      f1: ratio(at.f1),
      'false-alarms-per-day': figure(at.perDay!.falseAlarms),
      'alarms-per-day': figure(at.perDay!.alarms),
      'episodes-per-day': figure(opened === null ? null : opened / episodes!.days),
      'expected-episodes': promised
        ? `${figure(promised.expectedPerDay)} (at most ${figure(promised.boundPerDay)})`
        : '–',
      bound: `${percent(bound)} (${100 * threshold.confidence} % confidence)`,
      expected: percent(Math.min(1, rank / (calibration.length + 1))),
    };
  }

  const slider = (): Promise<number> => page.evaluate<number>("Number(document.getElementById('threshold').value)");

  it('draws every chart and starts at the shipped threshold', async () => {
    expect(await page.evaluate('document.querySelectorAll(".chart canvas").length')).toBe(5);
    expect(await slider()).toBe(sample.report.data.detectors[0]!.grid.shipped);
    expect(await page.evaluate(READ_FIGURES)).toEqual(expected(0, await slider()));
  });

  it('shows the figures of the library wherever the threshold is dragged to', async () => {
    const place = (selector: string): Promise<{ left: number; top: number; width: number; height: number }> =>
      page.evaluate(`(() => {
        const element = document.querySelector('${selector}');
        element.scrollIntoView({ block: 'center', behavior: 'instant' });
        const { left, top, width, height } = element.getBoundingClientRect();
        return { left, top, width, height };
      })()`);
    const over = await place('#chart-distribution .u-over');
    const y = over.top + over.height / 2;
    const seen = new Set<number>();
    await page.mouse('mousePressed', over.left + over.width * 0.2, y);
    for (const share of [0.25, 0.4, 0.55, 0.7, 0.9]) {
      await page.mouse('mouseMoved', over.left + over.width * share, y);
      const index = await slider();
      seen.add(index);
      expect(await page.evaluate(READ_FIGURES)).toEqual(expected(0, index));
    }
    await page.mouse('mouseReleased', over.left + over.width * 0.9, y);
    expect(seen.size).toBe(5);
  });

  it('shows the figures of the library at every stop of the slider, for each detector', async () => {
    for (const detector of [1, 0]) {
      await page.evaluate(`document.querySelector('input[name=detector][value="${detector}"]').click()`);
      const shown = await page.evaluate<Record<string, string>[]>(`(() => {
        const slider = document.getElementById('threshold');
        return Array.from({ length: Number(slider.max) + 1 }, (_, index) => {
          slider.value = String(index);
          slider.dispatchEvent(new Event('input'));
          return ${READ_FIGURES};
        });
      })()`);
      expect(shown).toHaveLength(sample.report.data.detectors[detector]!.grid.threshold.length);
      for (const [index, figures] of shown.entries())
        expect(figures, `stop ${index}`).toEqual(expected(detector, index));
    }
  });

  it('has nothing above the last stop', () => {
    for (const { grid } of sample.report.data.detectors) {
      expect([grid.falseAlarms.at(-1), grid.detections.at(-1)]).toEqual([0, 0]);
    }
  });

  it('moves by keyboard and back to the shipped threshold', async () => {
    const { shipped } = sample.report.data.detectors[0]!.grid;
    await page.evaluate(
      "document.getElementById('threshold-reset').click(), document.getElementById('threshold').focus()",
    );
    expect(await slider()).toBe(shipped);
    await page.press('ArrowRight');
    expect(await slider()).toBe(shipped + 1);
    await page.press('ArrowLeft');
    await page.press('ArrowLeft');
    expect(await slider()).toBe(shipped - 1);
    expect(await page.evaluate(READ_FIGURES)).toEqual(expected(0, shipped - 1));
    await page.evaluate("document.getElementById('threshold-reset').focus()");
    await page.press(' ');
    expect(await slider()).toBe(shipped);
  });

  it('switches a series off and on by keyboard', async () => {
    const pressed = (): Promise<string> =>
      page.evaluate("document.querySelector('#chart-distribution ~ .legend button').getAttribute('aria-pressed')");
    await page.evaluate("document.querySelector('#chart-distribution ~ .legend button').focus()");
    await page.press(' ');
    expect(await pressed()).toBe('false');
    await page.press(' ');
    expect(await pressed()).toBe('true');
  });

  it('says what is under the pointer', async () => {
    const box = await page.evaluate<{ left: number; top: number; width: number; height: number }>(`(() => {
      const element = document.querySelector('#chart-roc .u-over');
      element.scrollIntoView({ block: 'center', behavior: 'instant' });
      const { left, top, width, height } = element.getBoundingClientRect();
      return { left, top, width, height };
    })()`);
    await page.mouse('mouseMoved', box.left + box.width * 0.999, box.top + box.height / 2);
    await page.settle();
    const text = await page.evaluate<string>("document.querySelector('#chart-roc ~ .readout').textContent");
    const [, falseAlarms, detection] = /^false alarm rate ([\d.]+) %, detection rate ([\d.]+) %$/.exec(text)!;
    expect(Number(falseAlarms)).toBeGreaterThan(97);
    expect(Number(detection)).toBeCloseTo(50, -1);
  });

  it('tells of the episode under the pointer, and only there', async () => {
    const { episodes, timeline } = sample.report.data.detectors[0]!;
    const attack = episodes.find(({ group }) => group > 0)!;
    const [from, to] = [timeline.x[0]!, timeline.x.at(-1)!];
    const readAt = async (seconds: number): Promise<string> => {
      const box = await page.evaluate<{ left: number; top: number; width: number; height: number }>(`(() => {
        const element = document.querySelector('#chart-time .u-over');
        element.scrollIntoView({ block: 'center', behavior: 'instant' });
        const { left, top, width, height } = element.getBoundingClientRect();
        return { left, top, width, height };
      })()`);
      const x = box.left + (box.width * (seconds - from)) / (to - from);
      await page.mouse('mouseMoved', x, box.top + box.height / 2);
      await page.settle();
      return page.evaluate<string>("document.querySelector('#chart-time ~ .readout').textContent");
    };
    expect(await readAt((attack.from + attack.to) / 2)).toContain(
      `in an episode that began with ${timeline.groupNames[attack.group]!} (${attack.alerts} alerts)`,
    );
    expect(await readAt(attack.to + 3600)).not.toContain('episode');
  });

  it('prints in light colours whatever the theme', async () => {
    await page.prefer('dark');
    const background = 'getComputedStyle(document.body).backgroundColor';
    expect(await page.evaluate(background)).toBe('rgb(17, 19, 21)');
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await page.evaluate(background)).toBe('rgb(251, 251, 252)');
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    expect(await page.evaluate(background)).toBe('rgb(17, 19, 21)');
    expect((await page.print()).length).toBeGreaterThan(10_000);
  });

  it('fits three widths in both themes without scrolling sideways', async () => {
    for (const scheme of ['dark', 'light'] as const) {
      await page.prefer(scheme);
      for (const width of [360, 820, 1440]) {
        await page.resize(width, 900);
        const sideways = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
        expect(await page.evaluate(sideways), `${scheme} at ${width}`).toBe(0);
        const widest =
          'Math.max(...[...document.querySelectorAll(".chart")].map((c) => c.firstChild.offsetWidth - c.clientWidth))';
        expect(await page.evaluate(widest), `charts at ${width}`).toBeLessThanOrEqual(0);
        if (SCREENSHOTS) await writeFile(join(SCREENSHOTS, `report-${scheme}-${width}.png`), await page.screenshot());
      }
    }
    await page.resize(1280, 900);
  });

  it('breaks names that have no spaces, on a phone and on paper', async () => {
    const long = 'x'.repeat(150);
    const { report } = sampleEvaluation({ attackNames: [long, 'scan'], pipeline: long });
    const path = join(folder, 'long.html');
    await writeFile(path, renderReport(report));
    await page.resize(390, 900);
    await page.open(pathToFileURL(path).href);
    const sideways = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
    expect(await page.evaluate(sideways)).toBe(0);
    // What an attack's rows come to stands beside its name, not behind a scroll bar.
    const hidden = `(() => { const { scrollWidth, clientWidth } = document.getElementById('live-attacks').closest('.scroll'); return scrollWidth - clientWidth; })()`;
    expect(await page.evaluate(hidden)).toBeLessThanOrEqual(0);
    await page.resize(718, 1000);
    await page.prefer('light', 'print');
    expect(await page.evaluate(sideways)).toBe(0);
    await page.prefer('light');
    await page.resize(1280, 900);
    await page.open(pathToFileURL(join(folder, 'report.html')).href);
  });

  it('takes names for text, loads nothing, and breaks no rule of its own policy', async () => {
    expect(await page.evaluate('document.images.length')).toBe(0);
    const names = await page.evaluate<string[]>(
      '[...document.querySelectorAll(".legend button")].map((b) => b.textContent)',
    );
    expect(names).toContain(HOSTILE_NAME);
    expect(await page.evaluate('performance.getEntriesByType("resource").length')).toBe(0);
    expect(page.errors).toEqual([]);
  });

  it('would notice an error', async () => {
    // The policy forbids this script; the check above must not be blind to that.
    await page.evaluate('document.body.append(Object.assign(document.createElement("script"), { textContent: "1" }))');
    await page.settle();
    expect(page.errors.join()).toContain('Content Security Policy');
  });
});

/** Colours of the page as the script needs them; they follow the theme of the reader's system. */
export interface Theme {
  readonly surface: string;
  readonly text: string;
  readonly muted: string;
  readonly grid: string;
  readonly threshold: string;
  readonly train: string;
  readonly calibration: string;
  readonly normal: string;
  readonly attacks: readonly string[];
}

const ATTACK_COLOURS = 8;

/** Reads the colours that the style sheet sets for the theme in force. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    surface: colour('surface'),
    text: colour('text'),
    muted: colour('muted'),
    grid: colour('grid'),
    threshold: colour('threshold'),
    train: colour('train'),
    calibration: colour('calibration'),
    normal: colour('normal'),
    attacks: Array.from({ length: ATTACK_COLOURS }, (_, i) => colour(`attack-${i + 1}`)),
  };
}

/** Dash patterns beside colours, so that no reader depends on hue alone. */
const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [8, 3, 2, 3]];

/** Colour and dash of the n-th attack. */
export function attackStyle(theme: Theme, n: number): { stroke: string; dash: number[] } {
  return {
    stroke: theme.attacks[n % theme.attacks.length]!,
    dash: [...DASHES[Math.floor(n / theme.attacks.length + n) % DASHES.length]!],
  };
}

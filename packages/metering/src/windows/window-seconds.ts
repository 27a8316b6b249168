/** Host windows: how far each looks back, in seconds of traffic time. Window values follow this order. */
export const WINDOW_SECONDS = [10, 60, 600, 3600] as const;
export const WINDOWS = WINDOW_SECONDS.length;
export const WINDOW_10S = 0;
export const WINDOW_60S = 1;
export const WINDOW_10MIN = 2;
export const WINDOW_1H = 3;

/** The same in the meter's time unit. */
export const WINDOW_NANOSECONDS: readonly number[] = WINDOW_SECONDS.map((seconds) => seconds * 1e9);

/** Windows over which distinct hosts and ports are counted. */
export const DISTINCT_WINDOWS: readonly number[] = [WINDOW_60S, WINDOW_1H];

/** Windows over which bytes are counted. */
export const BYTE_WINDOWS: readonly number[] = [WINDOW_10MIN, WINDOW_1H];

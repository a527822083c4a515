/** The measured window, in the time of `performance.now()`. */
export interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

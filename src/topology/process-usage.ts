/** What one process has used. */
export interface ProcessUsage {
  readonly pid: number;
  readonly pgid: number;
  readonly parentPid: number;
  /** CPU time since its start, of all cores together. */
  readonly cpuMs: number;
  readonly rssBytes: number;
  readonly ageMs: number;
}

/** Whether a documented status (`201`, `4XX`, `default`) can stand for `status`. */
export function statusCovers(documented: string, status: number): boolean {
  return documented === 'default' || documented === String(status) || documented === rangeOf(status);
}

/** The entry for `status`: the code itself, then its range, then `default`. */
export function findResponse<T extends { readonly status: string }>(
  documented: readonly T[],
  status: number,
): T | undefined {
  return [String(status), rangeOf(status), 'default']
    .map((wanted) => documented.find((response) => response.status === wanted))
    .find((found) => found !== undefined);
}

/** Whether a documented status is a success for certain. */
export function isSuccess(documented: string): boolean {
  return documented.startsWith('2');
}

const rangeOf = (status: number) => `${Math.floor(status / 100)}XX`;

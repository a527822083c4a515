import { EXPECT_STATUS, matchesStatus, showStatus, toStatuses } from '../status-pattern.ts';
import type { Assertion } from './assertion.ts';

/** `status: 201`, `status: [200, 204]`, `status: 2xx`. */
export const status: Assertion = {
  key: 'status',
  schema: EXPECT_STATUS,
  compile: (value, path, { document }) => {
    const allowed = toStatuses(value);
    const place = document.placeOf(path);
    return {
      about: 'each',
      check: ({ status: received }) =>
        allowed.some((pattern) => matchesStatus(pattern, received))
          ? []
          : [{ subject: 'status', message: `status is ${received}, expected ${showStatus(allowed)}`, place }],
    };
  },
};

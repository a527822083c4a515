import { BYTE_SIZE_PATTERN } from '../../lib/byte-size.ts';

export const logs = {
  type: 'object',
  additionalProperties: false,
  properties: {
    max: {
      type: 'string',
      pattern: BYTE_SIZE_PATTERN,
      description: 'the size at which a log file is put aside, such as 20MB (the default)',
    },
    keep: {
      type: 'integer',
      minimum: 1,
      maximum: 30,
      description: 'how many files of a service that were put aside are kept, 1 to 30 (4 is the default)',
    },
  },
  description: 'a mapping such as { max: 20MB, keep: 4 }',
};

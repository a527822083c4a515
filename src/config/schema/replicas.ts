const count = {
  type: 'integer',
  minimum: 1,
  maximum: 64,
  description: 'a number of processes from 1 to 64',
};

export const replicas = {
  description: 'a number of processes from 1 to 64, or a mapping such as { count: 3, by: connection }',
  anyOf: [
    count,
    {
      type: 'object',
      additionalProperties: false,
      required: ['count'],
      properties: {
        count,
        by: {
          enum: ['request', 'connection'],
          description:
            'request (HTTP, the default) or connection (any TCP): what the processes take turns with',
        },
      },
    },
  ],
};

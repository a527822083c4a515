import { Ajv2020 } from 'ajv/dist/2020.js';
import { onDemand } from '../on-demand.ts';

/**
 * One for all types. The schemas are our own, which a test holds to the draft: to do so here would be most of the work at
 * the first event, since the draft itself would have to be compiled.
 */
const compiler = onDemand(
  () => new Ajv2020({ allErrors: true, allowUnionTypes: true, validateSchema: false }),
);

/**
 * A reader of event data that a JSON Schema (draft 2020-12) guards; `Data` is the TypeScript shape of what it lets
 * through. What the reader throws tells where the data differs, and none of its values.
 */
export function dataReader<Data>(schema: object): (data: unknown) => Data {
  const compiled = onDemand(() => compiler().compile<Data>(schema));
  return (data) => {
    const validate = compiled();
    if (validate(data)) return data;
    const complaints = (validate.errors ?? []).map(
      ({ instancePath, message }) => `#${instancePath} ${message}`,
    );
    throw new Error(complaints.slice(0, 5).join('; '));
  };
}

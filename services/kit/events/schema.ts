/** A JSON Schema (draft 2020-12) of the few keywords in which the data of events is written. */
export type Schema =
  | {
      readonly type: 'string';
      readonly description?: string;
      readonly pattern?: string;
      readonly minLength?: number;
      readonly maxLength?: number;
      readonly enum?: readonly string[];
    }
  | {
      readonly type: 'integer';
      readonly description?: string;
      readonly minimum?: number;
      readonly maximum?: number;
    }
  | {
      readonly type: 'array';
      readonly description?: string;
      readonly items: Schema;
      readonly minItems?: number;
      readonly maxItems?: number;
      readonly uniqueItems?: boolean;
    }
  | {
      readonly type: 'object';
      readonly description?: string;
      readonly required: readonly string[];
      readonly properties: Readonly<Record<string, Schema>>;
    };

/** The TypeScript shape of what a schema lets through. */
export type FromSchema<S> = S extends { enum: readonly (infer Value)[] }
  ? Value
  : S extends { type: 'string' }
    ? string
    : S extends { type: 'integer' }
      ? number
      : S extends { type: 'array'; items: infer Item }
        ? readonly FromSchema<Item>[]
        : S extends { type: 'object'; properties: infer Members; required: readonly (infer Needed)[] }
          ? { [Name in keyof Members & Needed]: FromSchema<Members[Name]> } & {
              [Name in Exclude<keyof Members, Needed>]?: FromSchema<Members[Name]>;
            }
          : never;

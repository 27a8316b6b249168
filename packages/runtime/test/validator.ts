import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

const SCHEMAS = join(import.meta.dirname, '..', 'schemas');

const read = (name: string): object => JSON.parse(readFileSync(join(SCHEMAS, `${name}.schema.json`), 'utf8'));

/** The field list of a kind of event, such as `ecs-alert`, of the folder `schemas`. */
export function validatorOf(name: string): ValidateFunction {
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
  addFormats.default(ajv);
  ajv.addSchema(read('edgeguard'));
  return ajv.compile(read(name));
}

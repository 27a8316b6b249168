import { MalformedMessage } from './exported-flow.ts';
import type { MessageReader } from './message-reader.ts';

/** Length that says that each record states the length of the field (RFC 7011, section 7). */
const VARIABLE_LENGTH = 0xffff;
const ENTERPRISE_BIT = 0x8000;
/** Reverse direction of a biflow (RFC 5103). */
const REVERSE_ENTERPRISE = 29_305;
/** Added to the number of a field of the reverse direction. */
export const REVERSE = 0x1_0000;
/** Fields of other enterprises have no meaning here. */
const FOREIGN = -1;
const MAX_FIELDS = 512;

interface TemplateField {
  /** Information element, plus {@link REVERSE}; negative for one without meaning here. */
  readonly element: number;
  readonly length: number;
}

/** How the records of one set are laid out. */
export interface Template {
  readonly fields: readonly TemplateField[];
  /** Fields that say what an options record is about; 0 for a template of flows. */
  readonly scopeFields: number;
  /** No record is shorter. */
  readonly shortest: number;
}

/** A field's place in one record. */
export interface FieldPlace {
  at: number;
  length: number;
}

/** Reads `count` field specifiers at `at`. Returns the template and the position after it. */
export function readTemplate(
  message: MessageReader,
  at: number,
  count: number,
  scopeFields: number,
  withEnterprises: boolean,
): [Template, number] {
  if (count === 0 || count > MAX_FIELDS) throw new MalformedMessage(`a template claims ${count} fields`);
  const fields: TemplateField[] = [];
  let shortest = 0;
  let position = at;
  for (let i = 0; i < count; i++) {
    const number = message.u16(position);
    const length = message.u16(position + 2);
    position += 4;
    let element = number;
    if (withEnterprises && (number & ENTERPRISE_BIT) !== 0) {
      const enterprise = message.u32(position);
      position += 4;
      element = enterprise === REVERSE_ENTERPRISE ? (number & ~ENTERPRISE_BIT) + REVERSE : FOREIGN;
    }
    // What scopes mean in NetFlow 9 is numbered apart from the fields.
    if (!withEnterprises && i < scopeFields) element = FOREIGN;
    // A field without bytes says nothing; there may be hundreds for each byte of a record.
    if (length > 0) fields.push({ element, length });
    shortest += length === VARIABLE_LENGTH ? 1 : length;
  }
  if (shortest === 0) throw new MalformedMessage('a template describes records without bytes');
  return [{ fields, scopeFields, shortest }, position];
}

/** Finds the fields of one record. Returns the position after it. */
export function placeFields(
  message: MessageReader,
  template: Template,
  at: number,
  end: number,
  places: Map<number, FieldPlace>,
): number {
  places.clear();
  let position = at;
  for (const { element, length: stated } of template.fields) {
    let length = stated;
    if (stated === VARIABLE_LENGTH) {
      length = message.u8(position++);
      if (length === 0xff) {
        length = message.u16(position);
        position += 2;
      }
    }
    if (position + length > end) throw new MalformedMessage('a record reaches beyond its set');
    if (element !== FOREIGN && length > 0) places.set(element, { at: position, length });
    position += length;
  }
  return position;
}

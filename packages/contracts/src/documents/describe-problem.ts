import { closest } from 'fastest-levenshtein';
import { z } from 'zod';
import { UserError } from '../user-error.ts';

/** Turns the first problem that zod found into one line that names the key and, for an unknown key, the nearest valid one. */
export function describeProblem(place: string, schema: z.ZodType, value: unknown, error: z.ZodError): UserError {
  const issue = mostSpecific(error.issues[0]!);
  const where = (path: readonly PropertyKey[]): string =>
    path.length === 0 ? place : `${place}: ${path.map(String).join('.')}`;
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!;
    const valid = keysAt(schema, value, issue.path);
    const remedy =
      valid.length === 0 ? 'remove it' : `did you mean "${closest(key, valid)}"? Valid: ${valid.join(', ')}`;
    return new UserError(where([...issue.path, key]), 'unknown key', remedy);
  }
  const problem = issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
  return new UserError(where(issue.path), problem, 'mend the value');
}

/** Of a union's problems, those of the alternative that came nearest. */
function mostSpecific(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const nearest = issue.errors.toSorted((a, b) => a.length - b.length)[0]?.[0];
  return nearest ? mostSpecific({ ...nearest, path: [...issue.path, ...nearest.path] }) : issue;
}

/** Keys that the object at `path` may have. */
function keysAt(schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): string[] {
  let node: z.ZodType | undefined = unwrap(schema, value);
  let at = value;
  for (const step of path) {
    at = (at as Record<PropertyKey, unknown> | undefined)?.[step];
    if (node instanceof z.ZodObject) node = unwrap(node.shape[String(step)] as z.ZodType | undefined, at);
    else if (node instanceof z.ZodArray) node = unwrap(node.element as z.ZodType, at);
    else if (node instanceof z.ZodRecord) node = unwrap(node.valueType as z.ZodType, at);
    else return [];
  }
  return node instanceof z.ZodObject ? Object.keys(node.shape) : [];
}

/** The object schema behind defaults and options; of a discriminated union the member that the value names. */
function unwrap(schema: z.ZodType | undefined, value: unknown): z.ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return unwrap(schema.unwrap() as z.ZodType, value);
  }
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const key = schema.def.discriminator;
    const named = (value as Record<string, unknown> | undefined)?.[key];
    const member = (schema.options as z.ZodType[]).find(
      (option) => option instanceof z.ZodObject && (option.shape[key] as z.ZodType).safeParse(named).success,
    );
    return member;
  }
  return schema;
}

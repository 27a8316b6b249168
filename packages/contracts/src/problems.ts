/** Errors for users, without the schemas of the package's other entry: what starts often and briefly loads only this. */
export { assertReplaceable } from './files/assert-replaceable.ts';
export { fileProblem } from './files/file-problem.ts';
export { UsageError, UserError } from './user-error.ts';

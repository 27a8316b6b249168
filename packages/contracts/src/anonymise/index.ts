export { Anonymiser, readAnonymisationKey } from './anonymiser.ts';
export { PrefixPreserving } from './prefix-preserving.ts';

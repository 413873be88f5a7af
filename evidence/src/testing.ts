/** For tests of whoever builds on the store. */

export { exampleRequest } from './store/conformance/exampleRequest.ts';

export * from './asArchive.ts';
export * from './load.ts';
export * from './objectKey.ts';
export * from './shiftTimes.ts';
export * from './shiftToNow.ts';
export * from './signUpload.ts';
export * from './wire.ts';

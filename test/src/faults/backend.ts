import { type OtlpSink, startOtlpSink } from '../fakes/otlpSink.ts';
import { SpanBook } from './spanBook.ts';

/** An OTLP backend that remembers what it took. */
export interface Backend extends OtlpSink, AsyncDisposable {
  readonly book: SpanBook;
}

/** @param port of a backend that was there before; absent: the system chooses. */
export async function startBackend(port?: number, book = new SpanBook()): Promise<Backend> {
  const sink = await startOtlpSink({ onAccepted: book.take, ...(port !== undefined && { port }) });
  return { ...sink, book, [Symbol.asyncDispose]: () => sink.close() };
}

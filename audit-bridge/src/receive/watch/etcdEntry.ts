/** `/<prefix>/<env>/<kind>/<id>`: the last two parts name the resource. Undefined for a key of another shape. */
export function resourceOfKey(key: string): { readonly kind: string; readonly id: string } | undefined {
  const [id, kind, environment] = key.split('/').reverse();
  if (!id || !kind || !environment) return undefined;
  return { kind, id };
}

/** The JSON value; the text itself where it is none: such a document can be wanted, too, and is refused by gateways. */
export function documentOf(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

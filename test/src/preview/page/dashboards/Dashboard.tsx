export function Dashboard({ file }: { readonly file: string; readonly parameters: string }) {
  return <div>{file}</div>;
}

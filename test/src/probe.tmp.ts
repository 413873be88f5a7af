import { rmSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { openDuckDbStore } from '@aisix-observability/evidence/duckdb';
import { gatewayRequest } from './arbitrary/gatewayRequest.ts';
import { decodeUsageEvents, decodeTraces } from '@aisix-observability/collector-exporter';
import { silentRecorder } from '@aisix-observability/pipeline';
import { MemoryAssembly } from './assemble/memoryAssembly.ts';
import { loadTelemetry, loadOtlp, RECORDED_DATA_PLANE, RECORDED_ENVIRONMENT } from './recordings/index.ts';
const dir='/tmp/i4s/store1'; rmSync(dir,{recursive:true,force:true});
const store = await openDuckDbStore({ directory: dir, hash: (t)=>'h:'+t.length });
const as = new MemoryAssembly();
const ds:any[]=[];
for (const {receivedAt, body} of loadTelemetry('story-2')) ds.push({input:'telemetry',environment:RECORDED_ENVIRONMENT,dataPlane:RECORDED_DATA_PLANE,receivedAt,reports:decodeUsageEvents(body.events,{input:'telemetry',recorder:silentRecorder,now:receivedAt}).reports});
for (const {receivedAt, body} of loadOtlp('story-2')) ds.push({input:'otlp',environment:RECORDED_ENVIRONMENT,receivedAt,reports:decodeTraces(body,{input:'otlp',recorder:silentRecorder,now:receivedAt}).reports});
ds.sort((a,b)=>a.receivedAt-b.receivedAt);
for (const d of ds) as.add(d);
let reqs:any[] = as.finish();
console.log('story', reqs.length);
async function round(name:string, reqs:any[]) {
  let t=performance.now();
  const versions = reqs.map((r,i)=>({seq:i+1,json:JSON.stringify(r)}));
  for (let i=0;i<versions.length;i+=2000) { const t1=performance.now(); await store.apply(versions.slice(i,i+2000), i+2000); console.log('  apply', (performance.now()-t1).toFixed(0)); }
  console.log(name,'applied', (performance.now()-t).toFixed(0),'ms');
  const back = new Map<string,any>(); let after: string|undefined; t=performance.now();
  do { const p = await store.read({from:-1e12,to:1e13,limit:1000,...(after?{after}:{})}); for (const j of p.requests){ const r=JSON.parse(j); back.set(JSON.stringify([r.environment,r.requestId,r.traceId??null,r.n]), r);} after=p.next; } while(after);
  console.log('read', back.size, (performance.now()-t).toFixed(0));
  let bad=0;
  for (const v of versions){ const r=JSON.parse(v.json); const g=back.get(JSON.stringify([r.environment,r.requestId,r.traceId??null,r.n])); if(!isDeepStrictEqual(r,g)){ if(bad++<3){ console.log('DIFF'); for (const k of new Set([...Object.keys(r),...Object.keys(g??{})])) if(!isDeepStrictEqual(r[k],g?.[k])) console.log(k, JSON.stringify(r[k])?.slice(0,4000), '|', JSON.stringify(g?.[k])?.slice(0,4000)); } } }
  console.log('bad', bad);
}
await round('story-2', reqs);
const page = await store.search({scope:{environments:[RECORDED_ENVIRONMENT],visibility:{}},from:0,to:4e12,filters:[],limit:1000,order:'newest'});
console.log(page.count, page.next, page.stats, page.requests.length);
const rs = JSON.parse(page.requests); const g = await store.get({scope:{environments:[RECORDED_ENVIRONMENT],visibility:{'client.address':'hashed'}},environment:RECORDED_ENVIRONMENT,requestId:rs[3].requestId}); console.log(g.count, g.stats, g.requests.slice(0,1200));
const seen=new Map(); for (const r of fc.sample(gatewayRequest, 500)) seen.set(JSON.stringify([r.environment,r.requestId,r.traceId??null,r.n]), r);
await round('arbitrary', [...seen.values()]);
await store.close();

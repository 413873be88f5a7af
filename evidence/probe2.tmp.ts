import { DuckDBInstance } from '@duckdb/node-api';
import { writeFileSync } from 'node:fs';
import { stageSql } from './src/store/duckdb/sql/stage.ts';
import { COLUMNS } from './src/store/duckdb/sql/columns.ts';
const db = await DuckDBInstance.create(':memory:', { threads:'2', memory_limit:'1GB' });
const c = await db.connect();
const req=(i:number)=>({requestId:crypto.randomUUID(),traceId:crypto.randomUUID().replaceAll('-',''),environment:'0b6f6a52-6e0b-4b0e-9a55-0a4e2f0f2a11',n:0,dataPlane:'7d1f3c7e-1f0e-4f55-8a6f-2f6a1c9d4e21',state:'final',timing:'reconstructed',startTime:1795416863352+i,endTime:1795416863452+i,durationMs:104,status:200,outcome:'success',requestedModel:'mistral-large',servedModel:'mistral-large',modelId:'d4358c93-998b-4bb5-a32a-ef2303697d8f',apiKeyId:'35e09679-8948-4587-ac73-8f74198f746d',protocol:'openai',downstreamLatencyMs:103,tokens:{input:38,output:147},cache:{status:'disabled'},guardrail:{blocked:false,applied:[{kind:'keyword',hook:'input'}]},client:{address:'10.0.0.1',userAgent:'openai-python/1.99'},revision:0,feeds:['usage'],attempts:[{index:0,kind:'initial',model:'mistral-large',modelId:'d4358c93-998b-4bb5-a32a-ef2303697d8f',providerKeyLabel:'mistral-prod',provider:'mistral',status:200,outcome:'success',startTime:1795416863352+i,endTime:1795416863452+i,durationMs:104,dispatched:true,finishReason:'stop',responseModel:'m-2026',responseId:'chatcmpl-'+i}]});
const N=2000;
writeFileSync('/tmp/i4s/st.ndjson', Array.from({length:N},(_,i)=>`{"i":${i},"k1":${i},"k2":${i},"seq":${i},"us":1795416863352000,"fine":0,"r":${JSON.stringify(req(i))}}\n`).join(''));
async function time(name:string, sql:string, p?:any[]) { const ts=[]; for(let i=0;i<5;i++){ const t=performance.now(); await c.run(sql,p as any); ts.push(performance.now()-t);} console.log(name.padEnd(40), ts.map(x=>x.toFixed(1)).join(' ')); }
const full=stageSql(1024*1024);
await time('full', full, ['/tmp/i4s/st.ndjson']);
const src=full.slice(full.indexOf('FROM ('));
await time('count r', `SELECT count(s.r.requestId) `+src, ['/tmp/i4s/st.ndjson']);
await time('raw temp', `CREATE OR REPLACE TABLE memory.main.raw AS SELECT s.* `+src, ['/tmp/i4s/st.ndjson']);
await time('EXPLAIN', 'EXPLAIN '+full, ['/tmp/i4s/st.ndjson']);
for (const col of COLUMNS) { const ts=[]; for(let i=0;i<3;i++){ const t=performance.now(); await c.run(`CREATE OR REPLACE TABLE memory.main.x AS SELECT ${col.from} AS v FROM memory.main.raw s`); ts.push(performance.now()-t);} const m=Math.min(...ts); if(m>2) console.log(col.name, m.toFixed(1)); }

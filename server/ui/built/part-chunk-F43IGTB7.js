import{n as r}from"./part-chunk-Y6BNCHOM.js";var o=["range","from","to","live"];function c(a,e={}){let n=new URLSearchParams([...a].filter(([s])=>o.includes(s)));return r(n,e)}export{c as a};

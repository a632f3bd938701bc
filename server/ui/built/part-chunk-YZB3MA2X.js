var r="failed";function d(i){let n,t=0;for(let[o,e]of i.entries()){if(n!==void 0&&o>t)break;e.kind!=="span"||e.span.statusCode!==2||(n=e.id,t=o+e.descendants)}return n}export{r as a,d as b};

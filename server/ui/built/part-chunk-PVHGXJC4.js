function r(h){let t=2166136261;for(let e=0;e<h.length;e++)t=Math.imul(t^h.charCodeAt(e),16777619)>>>0;return`hue-${t%12}`}export{r as a};

const down = (n) => (n === 0 ? 0 : 1 + down(n - 1));
console.log(down(Number(require("fs").readFileSync(0, "utf8"))));

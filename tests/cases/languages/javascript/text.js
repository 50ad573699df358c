const numbers = require("fs").readFileSync("/dev/stdin", "utf8").split(/\s+/).filter(Boolean);
console.log("Grüße 你好 🙂", numbers.reduce((sum, number) => sum + Number(number), 0));
process.exitCode = 3;

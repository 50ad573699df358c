const [shape, kb] = require("fs").readFileSync(0, "utf8").trim().split(" ");
const pieces = [];
if (shape === "one") pieces.push(new Float64Array(kb * 128).fill(1.5));
else if (shape === "buffers") for (let held = 0; held < kb; held += 16) pieces.push(new Uint8Array(16 << 10).fill(1));
else for (let held = 0; held < kb; held += 16) pieces.push(new Array(16 * 128).fill(1.5));
let sum = 0;
if (shape === "churn") {
  for (let i = 0; i < 3e6; i++) {
    const shortLived = { left: i, right: [i] };
    sum += shortLived.right[0];
  }
}
console.log("held");
if (!pieces[0][0] || sum < 0) throw new Error("lost");

const { next } = require("./next");
console.log(next(41));

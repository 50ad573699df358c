const { forty } = require("./lib/forty");
console.log(forty + require("./lib/inner").two);

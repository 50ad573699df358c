exports.forty = 40;

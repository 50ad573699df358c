package numbers

const Forty = 40

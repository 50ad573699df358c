package main

var a = [1 << 28]int{1<<28 - 1: 1}

func main() { println(a[0]) }

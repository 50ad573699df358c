package main

import "./numbers"

func main() {
	println(numbers.Forty + 2)
}

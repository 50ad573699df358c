package main

import "fmt"

func main() { fmt.Println(next(41)) }

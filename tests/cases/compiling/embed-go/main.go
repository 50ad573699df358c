package main

import _ "embed"

//go:embed /etc/passwd
var users string

func main() { println(users) }

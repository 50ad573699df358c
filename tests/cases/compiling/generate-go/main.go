package main

//go:generate sh -c "echo generated >/out/generated"

func main() { print("not generated") }

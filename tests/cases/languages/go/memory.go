package main

import "fmt"

func main() {
	var shape string
	var kb int
	fmt.Scan(&shape, &kb)
	piece := 1 << 14
	if shape == "one" {
		piece = kb << 10
	}
	var pieces [][]byte
	for held := 0; held < kb<<10; held += piece {
		bytes := make([]byte, piece)
		for i := range bytes {
			bytes[i] = 1
		}
		pieces = append(pieces, bytes)
	}
	fmt.Println("held")
	for _, bytes := range pieces {
		if bytes[0] != 1 {
			panic("lost")
		}
	}
}

package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
)

func main() {
	scanner := bufio.NewScanner(os.Stdin)
	scanner.Split(bufio.ScanWords)
	sum := 0
	for scanner.Scan() {
		number, _ := strconv.Atoi(scanner.Text())
		sum += number
	}
	fmt.Println("Grüße 你好 🙂", sum)
	os.Exit(3)
}

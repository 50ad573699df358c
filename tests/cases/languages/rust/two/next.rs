pub fn of(n: i32) -> i32 {
    n + 1
}

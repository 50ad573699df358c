use std::io::read_to_string;

fn main() {
    let input = read_to_string(std::io::stdin()).unwrap();
    let (shape, kb) = input.trim().split_once(' ').unwrap();
    let size = kb.parse::<usize>().unwrap() << 10;
    let piece = if shape == "one" { size } else { 1 << 14 };
    let mut pieces = Vec::new();
    let mut held = 0;
    while held < size {
        pieces.push(vec![1u8; piece]);
        held += piece;
    }
    println!("held");
    assert!(pieces.iter().all(|bytes| bytes[0] == 1));
}

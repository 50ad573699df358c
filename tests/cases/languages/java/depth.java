class Depth {
    static int down(int n) {
        return n == 0 ? 0 : 1 + down(n - 1);
    }

    public static void main(String[] args) {
        System.out.println(down(new java.util.Scanner(System.in).nextInt()));
    }
}

package other;

public class Next {
    public static int of(int n) {
        return n + 1;
    }

    public static void main(String[] args) {
        System.out.println(0);
    }
}

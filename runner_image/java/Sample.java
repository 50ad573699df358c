import java.io.*;
import java.math.BigInteger;
import java.util.*;
import java.util.function.*;
import java.util.stream.*;

/** Compiled once when the image is built, to see which classes of the compiler a program needs. */
public class Sample {
    enum Colour { RED, GREEN }

    sealed interface Shape permits Circle, Square {}

    record Circle(double radius) implements Shape {}

    record Square(double side) implements Shape {}

    static class Node<T extends Comparable<T>> {
        final T key;
        Node<T> next;

        Node(T key) {
            this.key = key;
        }
    }

    static double area(Shape shape) {
        if (shape instanceof Circle circle) {
            return Math.PI * circle.radius() * circle.radius();
        }
        return switch (shape.getClass().getSimpleName()) {
            case "Square" -> ((Square) shape).side();
            default -> throw new IllegalStateException("no " + shape);
        };
    }

    public static void main(String[] args) throws IOException {
        var reader = new BufferedReader(new InputStreamReader(System.in));
        StringTokenizer tokens = new StringTokenizer(Objects.requireNonNullElse(reader.readLine(), "1 2 3"));
        long[] numbers = new long[tokens.countTokens()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Long.parseLong(tokens.nextToken());
        }
        Map<Long, List<Integer>> places = new TreeMap<>(Comparator.reverseOrder());
        for (int i = 0; i < numbers.length; i++) {
            final int place = i;
            places.computeIfAbsent(numbers[i], key -> new ArrayList<>()).add(place);
        }
        PriorityQueue<int[]> queue = new PriorityQueue<>((a, b) -> Integer.compare(a[0], b[0]));
        queue.add(new int[] {1, 2});
        Supplier<Runnable> maker = () -> new Runnable() {
            @Override
            public void run() {
                System.out.printf("%.3f %s%n", area(new Circle(2)), Colour.valueOf("RED"));
            }
        };
        maker.get().run();
        try (PrintWriter out = new PrintWriter(new BufferedOutputStream(System.out))) {
            out.println(places.entrySet().stream().map(Object::toString).collect(Collectors.joining(", ")));
            out.println(BigInteger.TWO.pow(100) + " " + new Node<>("key").key + Arrays.toString(numbers));
        } finally {
            synchronized (queue) {
                queue.clear();
            }
        }
    }
}

import com.sun.source.util.JavacTask;
import com.sun.source.util.TaskEvent;
import com.sun.source.util.TaskListener;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.TypeKind;
import javax.lang.model.util.ElementFilter;
import javax.lang.model.util.Elements;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/**
 * Compiles a Java program into one jar that can be run: {@code Compiler JAR ENTRY SOURCE...}.
 *
 * It is javac, with its words and exit code, but that a file may hold public classes of any name and package. The class
 * to start is looked for among those that have a `public static void main(String[])`: the entry file's are preferred,
 * then outer classes, then those named like their file, then public ones.
 */
public final class Compiler {
    private static final List<String> OPTIONS = List.of("-proc:none", "-implicit:none");

    /** What was compiled: class files by name, and the classes that could be started. */
    private static final class Output {
        final Map<String, ByteArrayOutputStream> classes = new TreeMap<>();
        final List<Start> starts = new ArrayList<>();
    }

    /** A class with a main method; `rank` sorts the better ones first. */
    private record Start(String name, int rank) {}

    public static void main(String[] arguments) throws IOException {
        Path jar = Path.of(arguments[0]);
        String entry = arguments[1];
        List<String> names = Arrays.asList(arguments).subList(2, arguments.length);
        Output output = new Output();
        if (!compile(names, entry, output)) {
            System.exit(1);
        }
        String start = start(output.starts);
        if (start == null) {
            System.exit(1);
        }
        write(jar, start, output.classes);
    }

    /** Whether it could be compiled; javac's words have been printed. */
    private static boolean compile(List<String> names, String entry, Output output) throws IOException {
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        StandardJavaFileManager files = javac.getStandardFileManager(null, null, StandardCharsets.UTF_8);
        files.setLocation(StandardLocation.CLASS_PATH, List.of());
        List<Source> sources = new ArrayList<>();
        for (String name : names) {
            sources.add(new Source(name));
        }
        JavacTask task = (JavacTask) javac.getTask(null, new Memory(files, output), null, OPTIONS, null, sources);
        task.addTaskListener(new Finder(entry, task.getElements(), output.starts));
        return task.call();
    }

    /** The class to start; null, with the reason printed, where none or several could be meant. */
    private static String start(List<Start> starts) {
        if (starts.isEmpty()) {
            System.err.println("error: no class has a public static void main(String[] args) method");
            return null;
        }
        starts.sort(Comparator.comparingInt(Start::rank));
        int best = starts.get(0).rank();
        List<String> names = starts.stream().filter(start -> start.rank() == best).map(Start::name).toList();
        if (names.size() > 1) {
            System.err.println("error: several classes have a main method: " + String.join(", ", names));
            return null;
        }
        return names.get(0);
    }

    private static void write(Path jar, String start, Map<String, ByteArrayOutputStream> classes) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, start);
        try (JarOutputStream stream = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            for (var entry : classes.entrySet()) {
                stream.putNextEntry(new JarEntry(entry.getKey().replace('.', '/') + ".class"));
                entry.getValue().writeTo(stream);
            }
        }
    }

    /** A source file that may define any class. */
    private static final class Source extends SimpleJavaFileObject {
        final String name;

        Source(String name) {
            super(Path.of(name).toUri(), Kind.SOURCE);
            this.name = name;
        }

        @Override
        public String getName() {
            return name;
        }

        /** Bytes that are no UTF-8 are replaced: they hurt nobody in a comment. */
        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) throws IOException {
            String text = new String(Files.readAllBytes(Path.of(name)), StandardCharsets.UTF_8);
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        }

        @Override
        public boolean isNameCompatible(String simpleName, Kind kind) {
            return kind == Kind.SOURCE;
        }
    }

    /** Keeps class files in memory: their names, which the program chose, are never those of files. */
    private static final class Memory extends ForwardingJavaFileManager<JavaFileManager> {
        private final Output output;

        Memory(JavaFileManager files, Output output) {
            super(files);
            this.output = output;
        }

        @Override
        public JavaFileObject getJavaFileForOutput(Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("memory:///class"), kind) {
                @Override
                public OutputStream openOutputStream() {
                    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                    output.classes.put(name, bytes);
                    return bytes;
                }
            };
        }
    }

    /** Finds main methods in the classes that pass by. */
    private static final class Finder implements TaskListener {
        private final String entry;
        private final Elements elements;
        private final List<Start> starts;

        Finder(String entry, Elements elements, List<Start> starts) {
            this.entry = entry;
            this.elements = elements;
            this.starts = starts;
        }

        @Override
        public void finished(TaskEvent event) {
            if (event.getKind() == TaskEvent.Kind.ANALYZE && event.getTypeElement() != null) {
                look(event.getTypeElement(), event.getSourceFile().getName());
            }
        }

        private void look(TypeElement type, String file) {
            if (ElementFilter.methodsIn(type.getEnclosedElements()).stream().anyMatch(Finder::isMain)) {
                starts.add(new Start(elements.getBinaryName(type).toString(), rank(type, file)));
            }
            for (TypeElement inner : ElementFilter.typesIn(type.getEnclosedElements())) {
                look(inner, file);
            }
        }

        private int rank(TypeElement type, String file) {
            boolean isInner = type.getNestingKind().isNested();
            boolean isNamedLikeFile = Path.of(file).getFileName().toString().equals(type.getSimpleName() + ".java");
            boolean isPublic = type.getModifiers().contains(Modifier.PUBLIC);
            return (file.equals(entry) ? 0 : 8) + (isInner ? 4 : 0) + (isNamedLikeFile ? 0 : 2) + (isPublic ? 0 : 1);
        }

        private static boolean isMain(ExecutableElement method) {
            return method.getSimpleName().contentEquals("main")
                && method.getModifiers().contains(Modifier.PUBLIC)
                && method.getModifiers().contains(Modifier.STATIC)
                && method.getReturnType().getKind() == TypeKind.VOID
                && method.getParameters().size() == 1
                && method.getParameters().get(0).asType().toString().equals("java.lang.String[]");
        }
    }
}

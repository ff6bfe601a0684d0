import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Runs one Kafka broker (KRaft, its own controller) from Maven Central's jars: java -cp JARS Kafka.java FOLDER [setting=value ...]
 *
 * Standard input is the lifeline: when it closes, the process that started this broker is gone, so the broker deletes FOLDER and ends;
 * with -Dkeep=true it ends in order and keeps FOLDER. -Dscram=MECHANISM=[name=...,password=...];... makes users when FOLDER is new.
 */
public class Kafka {
    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        endWithParent(folder);
        Path data = folder.resolve("data");
        Path properties = folder.resolve("server.properties");
        Files.writeString(properties, "log.dirs=" + data + "\n" + String.join("\n", Arrays.asList(args).subList(1, args.length)) + "\n");
        if (!Files.exists(data.resolve("meta.properties"))) {
            format(properties);
        }
        kafka.Kafka.main(new String[] {properties.toString()});
    }

    private static void format(Path properties) {
        List<String> command = new ArrayList<>(List.of(
                "format", "--cluster-id", org.apache.kafka.common.Uuid.randomUuid().toString(), "--config", properties.toString()));
        for (String user : System.getProperty("scram", "").split(";")) {
            if (!user.isEmpty()) {
                command.addAll(List.of("--add-scram", user));
            }
        }
        int status = kafka.tools.StorageTool.execute(command.toArray(new String[0]), new PrintStream(OutputStream.nullOutputStream()));
        if (status != 0) {
            throw new IllegalStateException("formatting the data folder failed with status " + status);
        }
    }

    private static void endWithParent(Path folder) {
        Thread lifeline = new Thread(() -> {
            try {
                while (System.in.read() != -1) {}
            } catch (IOException closed) {
                // As good as the end of the stream.
            }
            if (Boolean.getBoolean("keep")) {
                System.exit(0);
            }
            // Walking fails when the server, still running, adds or removes a file meanwhile.
            for (int attempt = 0; attempt < 100 && Files.exists(folder); attempt++) {
                try (var paths = Files.walk(folder)) {
                    paths.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
                } catch (IOException | UncheckedIOException changed) {
                    continue;
                }
            }
            Runtime.getRuntime().halt(0);
        });
        lifeline.setDaemon(true);
        lifeline.start();
    }
}

import java.util.List;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.rest.RestChannel;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestRequest;

/** Serves one path, for some methods. */
record PathHandler(String path, Answer answer, RestRequest.Method... methods) implements RestHandler {
    interface Answer {
        void send(RestRequest request, RestChannel channel) throws Exception;
    }

    @Override
    public List<Route> routes() {
        return List.of(methods).stream().map(method -> new Route(method, path)).toList();
    }

    @Override
    public void handleRequest(RestRequest request, RestChannel channel, NodeClient client) throws Exception {
        answer.send(request, channel);
    }
}

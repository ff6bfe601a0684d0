import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.elasticsearch.Build;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.support.master.AcknowledgedResponse;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.ClusterStateUpdateTask;
import org.elasticsearch.cluster.metadata.DataStream;
import org.elasticsearch.cluster.metadata.MetadataCreateDataStreamService;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.regex.Regex;
import org.elasticsearch.index.Index;
import org.elasticsearch.index.IndexNotFoundException;
import org.elasticsearch.index.IndexVersion;
import org.elasticsearch.injection.guice.Injector;
import org.elasticsearch.rest.RestChannel;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.rest.action.RestToXContentListener;
import org.elasticsearch.xcontent.XContentBuilder;

/**
 * The paths that the archive serves by its modules rest-root and data-streams, which are not published as jars. What is behind them is the server's
 * own: its build, its cluster's state, and the service that makes data streams.
 */
class UnpublishedPaths {
    private final Supplier<Injector> services;

    UnpublishedPaths(Supplier<Injector> services) {
        this.services = services;
    }

    List<RestHandler> handlers() {
        String stream = "/_data_stream/{name}";
        return List.of(
            new PathHandler("/", this::describeServer, RestRequest.Method.GET, RestRequest.Method.HEAD),
            new PathHandler(stream, this::createDataStream, RestRequest.Method.PUT),
            new PathHandler(stream, this::getDataStream, RestRequest.Method.GET),
            new PathHandler(stream, this::deleteDataStream, RestRequest.Method.DELETE));
    }

    private ClusterService cluster() {
        return services.get().getInstance(ClusterService.class);
    }

    private void describeServer(RestRequest request, RestChannel channel) throws IOException {
        Build build = Build.current();
        XContentBuilder body = channel.newBuilder().prettyPrint();
        body.startObject();
        body.field("name", cluster().getNodeName());
        body.field("cluster_name", cluster().getClusterName().value());
        body.field("cluster_uuid", cluster().state().metadata().clusterUUID());
        body.startObject("version");
        body.field("number", build.qualifiedVersion());
        body.field("build_flavor", build.flavor());
        body.field("build_type", build.type().displayName());
        body.field("build_hash", build.hash());
        body.field("build_date", build.date());
        body.field("build_snapshot", build.isSnapshot());
        body.field("lucene_version", IndexVersion.current().luceneVersion().toString());
        body.field("minimum_wire_compatibility_version", build.minWireCompatVersion());
        body.field("minimum_index_compatibility_version", build.minIndexCompatVersion());
        body.endObject();
        body.field("tagline", "You Know, for Search");
        body.endObject();
        channel.sendResponse(new RestResponse(RestStatus.OK, body));
    }

    private void createDataStream(RestRequest request, RestChannel channel) {
        MetadataCreateDataStreamService service = services.get().getInstance(MetadataCreateDataStreamService.class);
        service.createDataStream(DataStreams.creation(request.param("name")), new RestToXContentListener<>(channel));
    }

    private void getDataStream(RestRequest request, RestChannel channel) throws IOException {
        XContentBuilder body = channel.newBuilder();
        body.startObject().startArray("data_streams");
        for (DataStream stream : matching(cluster().state(), request.param("name"))) {
            body.startObject();
            body.field("name", stream.getName());
            body.startObject("timestamp_field").field("name", "@timestamp").endObject();
            body.startArray("indices");
            for (Index index : stream.getIndices()) {
                body.startObject().field("index_name", index.getName()).field("index_uuid", index.getUUID()).endObject();
            }
            body.endArray();
            body.field("generation", stream.getGeneration());
            body.endObject();
        }
        body.endArray().endObject();
        channel.sendResponse(new RestResponse(RestStatus.OK, body));
    }

    private void deleteDataStream(RestRequest request, RestChannel channel) {
        String name = request.param("name");
        ActionListener<AcknowledgedResponse> listener = new RestToXContentListener<>(channel);
        cluster().submitUnbatchedStateUpdateTask("delete data stream", new ClusterStateUpdateTask() {
            @Override
            public ClusterState execute(ClusterState state) {
                return DataStreams.without(state, matching(state, name), cluster().getSettings());
            }

            @Override
            public void clusterStateProcessed(ClusterState before, ClusterState after) {
                listener.onResponse(AcknowledgedResponse.TRUE);
            }

            @Override
            public void onFailure(Exception failure) {
                listener.onFailure(failure);
            }
        });
    }

    /** The data streams of a name, or, with an asterisk in it, of all names of that form; one that is not there is an error. */
    private static Set<DataStream> matching(ClusterState state, String name) {
        Set<DataStream> streams = new HashSet<>(DataStreams.all(state).values());
        streams.removeIf(stream -> Regex.simpleMatch(name, stream.getName()) == false);
        if (streams.isEmpty() && Regex.isSimpleMatchPattern(name) == false) {
            throw new IndexNotFoundException(name);
        }
        return streams;
    }
}

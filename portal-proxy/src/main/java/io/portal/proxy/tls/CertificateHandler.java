package io.portal.proxy.tls;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Begins TLS with the certificate for the name that a client asks for and the keys that it can
 * check. One connection's; its event loop only.
 */
public final class CertificateHandler extends SniHandler {

  private static final int CLIENT_HELLO_LIMIT = 16 * 1024;

  private final Supplier<CertificateTable> tables;
  private ClientOffer offer = ClientOffer.ANY;

  /**
   * A connection of which nothing was read.
   *
   * @param tables gives the table that holds at the time of the handshake
   * @param limit how long the handshake may take
   */
  public CertificateHandler(Supplier<CertificateTable> tables, Duration limit) {
    super(name -> tables.get().map(name), CLIENT_HELLO_LIMIT, limit.toMillis());
    this.tables = tables;
  }

  @Override
  protected Future<SslContext> lookup(ChannelHandlerContext ctx, @Nullable ByteBuf clientHello)
      throws Exception {
    if (clientHello != null) {
      offer = ClientOffer.of(clientHello);
    }
    return super.lookup(ctx, clientHello);
  }

  @Override
  protected Future<SslContext> lookup(ChannelHandlerContext ctx, @Nullable String hostname) {
    return ctx.executor().newSucceededFuture(tables.get().choose(hostname, offer));
  }
}
